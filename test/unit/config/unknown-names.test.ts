import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SETTINGS } from "../../../src/config/schema.ts";
import { unknownNames } from "../../../src/config/unknown-names.ts";

const one = (name: string): string | undefined => unknownNames({ [name]: "hunter2" })[0];

describe("unknownNames", () => {
  it.each([
    ["KGSYNC_BUKCET", "did you mean KGSYNC_BUCKET?"],
    ["KGSYNC_INTERVALL", "did you mean KGSYNC_INTERVAL?"],
    ["KGSYNC_LOGLEVEL", "did you mean KGSYNC_LOG_LEVEL?"],
    ["KGSYNC_S3_SECRET_KEY", "use KGSYNC_S3_SECRET_ACCESS_KEY"],
    ["KGSYNC_S3_SECRET_ACCESS_KEY_FLIE", "did you mean KGSYNC_S3_SECRET_ACCESS_KEY_FILE?"],
    ["kgsync_bucket", "did you mean KGSYNC_BUCKET?"],
    ["KGSYNC_", "no such setting"],
    ["KGSYNC_XYLOPHONE", "no such setting"],
    ["KGSYNC_TEST_FAULT", "no such setting"],
    ["KGSYNC_BUCKET_FILE", "only secrets are read from a file"],
    ["KGSYNC_S3_ENDPOINT", "use AWS_ENDPOINT_URL_S3"],
    ["KGSYNC_REGION", "use AWS_REGION"],
  ])("refuses %s: %s", (name, why) => {
    expect(one(name)).toMatch(new RegExp(`^${name}: `));
    expect(one(name)).toContain(why);
    expect(one(name)).not.toContain("hunter2");
  });

  it("names the right setting after any one slip in a long name", () => {
    const long = SETTINGS.filter(({ env }) => env.length >= "KGSYNC_GRACE".length);
    fc.assert(
      fc.property(fc.constantFrom(...long), fc.nat(), ({ env }, at) => {
        const index = "KGSYNC_".length + (at % (env.length - "KGSYNC_".length));
        const slip = `${env.slice(0, index)}Q${env.slice(index)}`;
        expect(one(slip)).toContain(`did you mean ${env}?`);
      }),
    );
  });

  it.each([
    "KGSYNC_SERVICE_HOST",
    "KGSYNC_SERVICE_PORT",
    "KGSYNC_SERVICE_PORT_HTTP_METRICS",
    "KGSYNC_PORT",
    "KGSYNC_PORT_9465_TCP",
    "KGSYNC_PORT_9465_TCP_PROTO",
    "KGSYNC_PORT_9465_TCP_PORT",
    "KGSYNC_PORT_9465_TCP_ADDR",
    "KGSYNC_PORT_53_UDP_ADDR",
    "KGSYNC_PORT_53_SCTP",
  ])("ignores %s, which Kubernetes sets for a Service named kgsync", (name) => {
    expect(one(name)).toBeUndefined();
  });

  it("ignores the links of a Service named kgsync-metrics, but only beside its address", () => {
    const links = {
      KGSYNC_METRICS_SERVICE_HOST: "10.0.0.7",
      KGSYNC_METRICS_SERVICE_PORT: "80",
      KGSYNC_METRICS_PORT: "tcp://10.0.0.7:80",
      KGSYNC_METRICS_PORT_80_TCP_ADDR: "10.0.0.7",
    };
    expect(unknownNames(links)).toEqual([]);
    expect(unknownNames({ KGSYNC_METRICS_PORT: "80" })).toHaveLength(1);
    expect(unknownNames({ KGSYNC_HTTP_PORT: "80" })).toHaveLength(1);
  });

  it.each(["KGSYNC_PORTS", "KGSYNC_PORT_X_TCP", "KGSYNC_PORT_9465", "KGSYNC_PORT_9465_TCP_NAME", "KGSYNC_SERVICE"])(
    "refuses %s, which only looks like a link",
    (name) => {
      expect(one(name)).toBeDefined();
    },
  );

  it("has nothing against what is set, against other names, or against no environment", () => {
    const known = Object.fromEntries(SETTINGS.map(({ env }) => [env, "x"]));
    expect(unknownNames({ ...known, PATH: "/bin", MY_KGSYNC_X: "y", KGSYNC: "z", KGSYNC_GONE: undefined })).toEqual([]);
  });
});
