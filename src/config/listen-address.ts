import type { Kind } from "./field.ts";
import { parsedText } from "./kinds.ts";

/** `host` is `undefined` for all addresses of this machine. Port 0 takes any free one. */
export type ListenAddress = { readonly host: string | undefined; readonly port: number };

const FORM = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]*)):(0|[1-9][0-9]{0,4})$/;

/** `HOST:PORT`; an IPv6 address stands in brackets (RFC 3986 §3.2.2); without a host, all addresses. */
export const listenAddress = (): Kind<ListenAddress> =>
  parsedText<ListenAddress>(
    "HOST:PORT, [IPv6]:PORT, or :PORT for all addresses; port 0 takes a free one",
    FORM,
    (text) => {
      const [, v6, name, digits] = FORM.exec(text) ?? [];
      const port = Number(digits);
      if (port > 65_535) return { problem: "has a port above 65535" };
      const host = v6 ?? name;
      return { value: { host: host === "" ? undefined : host, port } };
    },
  );
