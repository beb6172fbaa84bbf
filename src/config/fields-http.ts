import { field } from "./field.ts";
import { optional } from "./kinds.ts";
import { listenAddress } from "./listen-address.ts";

/** What a running kgsync tells over HTTP. */
export const httpFields = {
  http: field(optional(listenAddress()), {
    env: "KGSYNC_HTTP",
    group: "http",
    example: "0.0.0.0:9465",
    prose:
      "Where `kgsync run` and `watch` answer `/startupz`, `/livez`, `/readyz`, `/metrics`, `/status` and a page at `/`. It is only read " +
      "from, without a password: keep it inside your network. An address that is taken is a mistake like any other here.",
    unset: "off",
  }),
};
