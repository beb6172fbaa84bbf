import { pageHtml } from "../core/monitor/page/page.ts";
import { allOk, type Check, readyChecks, startupChecks, verboseText } from "../core/monitor/probes.ts";
import { statusJson } from "../core/monitor/status-json.ts";
import type { View } from "../core/monitor/view.ts";
import type { HttpAnswer, HttpRoute } from "../ports/http.ts";
import type { Exposition } from "../ports/metrics.ts";
import type { Random } from "../ports/random.ts";

const PLAIN = "text/plain; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";

/** The answers of KGSYNC_HTTP. None of them waits for anything but the loading of what makes it. */
export const createMonitorRoute =
  (view: () => View, exposition: () => Promise<Exposition>, random: Random): HttpRoute =>
  async (path, query) => {
    switch (path) {
      // It answers, so it lives. A bucket, a lease or an app that is out of order is not mended by killing what holds the saves.
      case "/livez":
        return probe("livez", [{ name: "loop", ok: true, words: "kgsync answers" }], query);
      case "/startupz":
        return probe("startupz", startupChecks(view()), query);
      case "/readyz":
        return probe("readyz", readyChecks(view()), query);
      case "/metrics": {
        const { contentType, expose } = await exposition();
        return { status: 200, type: contentType, body: await expose(view()) };
      }
      case "/status":
        return { status: 200, type: JSON_TYPE, body: `${JSON.stringify(statusJson(view()), undefined, 2)}\n` };
      case "/":
        return page(view(), random.id());
      default:
        return { status: 404, type: PLAIN, body: "not found\n" };
    }
  };

/** Who asks why, or is refused, gets the reasons. */
const probe = (name: string, checks: readonly Check[], query: URLSearchParams): HttpAnswer => {
  const ok = allOk(checks);
  const body = ok && !query.has("verbose") ? "ok\n" : verboseText(name, checks);
  return { status: ok ? 200 : 503, type: PLAIN, body };
};

/** Nothing may be loaded or sent, nothing may run, and the one style sheet is the one that we have put in. */
const page = (view: View, nonce: string): HttpAnswer => ({
  status: 200,
  type: "text/html; charset=utf-8",
  policy: `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  body: pageHtml(view, nonce),
});
