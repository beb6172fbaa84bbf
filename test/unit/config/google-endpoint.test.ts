import { expect, it } from "vitest";
import { googleEndpoint } from "../../../src/config/google-endpoint.ts";

const PRIVATE = "https://storage-x.p.googleapis.com";

it.each([
  [{}, { endpoint: undefined, anonymous: false }],
  [{ STORAGE_EMULATOR_HOST: "" }, { endpoint: undefined, anonymous: false }],
  [{ STORAGE_EMULATOR_HOST: "localhost:4443" }, { endpoint: "http://localhost:4443", anonymous: true }],
  [{ STORAGE_EMULATOR_HOST: "https://gcs:4443/storage/v1/" }, { endpoint: "https://gcs:4443", anonymous: true }],
  [{ CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${PRIVATE}/storage/v1/` }, { endpoint: PRIVATE, anonymous: false }],
  [
    { CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: PRIVATE, STORAGE_EMULATOR_HOST: "h:1" },
    { endpoint: "http://h:1", anonymous: true },
  ],
])("%j is %j", (env, expected) => {
  expect(googleEndpoint(env)).toEqual(expected);
});

it.each([
  [{ STORAGE_EMULATOR_HOST: "http://" }],
  [{ STORAGE_EMULATOR_HOST: "http://host/other" }],
  [{ CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: "host" }], // without a scheme a token might go in the clear
])("%j is refused", (env) => {
  expect(() => googleEndpoint(env)).toThrow(expect.objectContaining({ code: "config-invalid" }));
});
