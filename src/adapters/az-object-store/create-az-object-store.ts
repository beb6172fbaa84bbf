import type { ObjectStore } from "../../ports/object-store.ts";
import { getByPeek } from "../transfer/get-by-peek.ts";
import { createAzContainer } from "./az-container.ts";
import type { AzOptions } from "./az-options.ts";
import { deleteObject } from "./delete-object.ts";
import { fetchObject } from "./fetch-object.ts";
import { peekObject } from "./get-object.ts";
import { headObject } from "./head-object.ts";
import { listObjects } from "./list-objects.ts";
import { putObject } from "./put-object.ts";
import { readAccount } from "./read-account.ts";

/**
 * A container of Azure Blob Storage, below a prefix; which account's and by which right is in the variables of `env`. Sends
 * nothing before the first call. Throws KgsyncError `config-invalid` when the variables name no account.
 */
export const createAzObjectStore = (
  options: Omit<AzOptions, "account">,
  env: Readonly<Record<string, string | undefined>>,
): ObjectStore => {
  const account = readAccount(env);
  const container = createAzContainer({ ...options, account });
  const where = `az://${options.container}/${options.prefix}`.replace(/\/$/, "");
  const peek: ObjectStore["peek"] = (key, limit, signal) => peekObject(container, key, limit, signal);
  return {
    name: `${where} at ${account.endpoint}`,
    get: getByPeek(peek),
    peek,
    fetch: (key, version, target, signal) => fetchObject(container, key, version, target, signal),
    head: (key, signal) => headObject(container, key, signal),
    list: (prefix, signal) => listObjects(container, prefix, signal),
    put: (key, body, mode, putOptions, signal) => putObject(container, key, body, mode, putOptions, signal),
    delete: (key, signal) => deleteObject(container, key, signal),
    close: container.close,
  };
};
