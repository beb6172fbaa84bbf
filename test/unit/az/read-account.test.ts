import { describe, expect, it } from "vitest";
import { readAccount } from "../../../src/adapters/az-object-store/read-account.ts";
import { KgsyncError } from "../../../src/core/errors.ts";

type Env = Readonly<Record<string, string>>;

const KEY = "c2VjcmV0LWtleS1vZi10aGUtYWNjb3VudA==";
const ACCOUNT = { AZURE_STORAGE_ACCOUNT: "account" };
const PUBLIC = "https://account.blob.core.windows.net";
const key = { kind: "key", account: "account", key: KEY };

describe("the account", () => {
  it.each<[string, Env, string, object]>([
    ["a key", { ...ACCOUNT, AZURE_STORAGE_KEY: KEY }, PUBLIC, key],
    ["a SAS", { ...ACCOUNT, AZURE_STORAGE_SAS_TOKEN: "?sv=1&sig=x" }, PUBLIC, { kind: "sas", query: "sv=1&sig=x" }],
    ["a key before a SAS", { ...ACCOUNT, AZURE_STORAGE_KEY: KEY, AZURE_STORAGE_SAS_TOKEN: "sv=1" }, PUBLIC, key],
    ["neither", ACCOUNT, PUBLIC, { kind: "identity" }],
    [
      "an endpoint alone",
      { AZURE_STORAGE_SERVICE_ENDPOINT: "https://account.blob.core.usgovcloudapi.net/" },
      "https://account.blob.core.usgovcloudapi.net",
      { kind: "identity" },
    ],
    [
      "a path-style endpoint, with the newline of a file",
      { ...ACCOUNT, AZURE_STORAGE_KEY: `${KEY}\n`, AZURE_STORAGE_SERVICE_ENDPOINT: "http://127.0.0.1:10000/account" },
      "http://127.0.0.1:10000/account",
      key,
    ],
    ["empty is not set", { ...ACCOUNT, AZURE_STORAGE_CONNECTION_STRING: "", AZURE_STORAGE_KEY: KEY }, PUBLIC, key],
    [
      "a connection string, before all others",
      {
        AZURE_STORAGE_ACCOUNT: "another",
        AZURE_STORAGE_CONNECTION_STRING: `DefaultEndpointsProtocol=https;AccountName=account;AccountKey=${KEY};EndpointSuffix=core.windows.net`,
      },
      PUBLIC,
      key,
    ],
    [
      "a connection string of another cloud",
      {
        AZURE_STORAGE_CONNECTION_STRING: `accountname=account;accountkey=${KEY};endpointsuffix=core.chinacloudapi.cn;`,
      },
      "https://account.blob.core.chinacloudapi.cn",
      key,
    ],
    [
      "a connection string with a SAS",
      { AZURE_STORAGE_CONNECTION_STRING: `BlobEndpoint=${PUBLIC}/;SharedAccessSignature=sv=1&sig=a=b` },
      PUBLIC,
      { kind: "sas", query: "sv=1&sig=a=b" },
    ],
    [
      "the emulator",
      { AZURE_STORAGE_CONNECTION_STRING: "UseDevelopmentStorage=true" },
      "http://127.0.0.1:10000/devstoreaccount1",
      { kind: "key", account: "devstoreaccount1" },
    ],
  ])("%s", (_, env, endpoint, credential) => {
    expect(readAccount(env)).toMatchObject({ endpoint, credential });
  });

  it.each<[string, Env, RegExp]>([
    ["none", {}, /no storage account is named/],
    ["a URL for a name", { AZURE_STORAGE_ACCOUNT: PUBLIC }, /AZURE_STORAGE_ACCOUNT is not the name/],
    [
      "a key without a name",
      { AZURE_STORAGE_SERVICE_ENDPOINT: PUBLIC, AZURE_STORAGE_KEY: KEY },
      /without AZURE_STORAGE_ACC/,
    ],
    ["no URL", { ...ACCOUNT, AZURE_STORAGE_SERVICE_ENDPOINT: "localhost:10000" }, /not the URL of a blob service/],
    ["a SAS in it", { AZURE_STORAGE_SERVICE_ENDPOINT: `${PUBLIC}/?sig=secret-key` }, /not the URL of a blob service/],
    ["a user in it", { AZURE_STORAGE_SERVICE_ENDPOINT: "https://u:secret-key@host" }, /not the URL of a blob service/],
    ["a token without TLS", { AZURE_STORAGE_SERVICE_ENDPOINT: "http://host/account" }, /over https only/],
    ["a cut string", { AZURE_STORAGE_CONNECTION_STRING: "DefaultEndpointsProtocol=https" }, /names neither/],
    ["no key in it", { AZURE_STORAGE_CONNECTION_STRING: "AccountName=account" }, /neither AccountKey nor/],
    ["no string", { AZURE_STORAGE_CONNECTION_STRING: "secret-key" }, /names neither/],
    [
      "a SAS in its endpoint",
      {
        AZURE_STORAGE_CONNECTION_STRING: `BlobEndpoint=${PUBLIC}?sig=secret-key;AccountName=account;AccountKey=${KEY}`,
      },
      /not the URL of a blob service/,
    ],
  ])("%s is refused, and no value is quoted", (_, env, message) => {
    const told = ((): KgsyncError => {
      try {
        readAccount(env);
      } catch (thrown) {
        if (thrown instanceof KgsyncError) return thrown;
      }
      throw new Error("not refused");
    })();
    expect(told.code).toBe("config-invalid");
    expect(told.message).toMatch(message);
    expect(`${told.message} ${told.hint}`).not.toMatch(/secret-key|c2VjcmV0/);
  });
});
