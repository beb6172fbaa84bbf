import { type Key, key } from "../../core/key.ts";

/** Below it lie the numbered versions of every key that is updated. */
export const CHAIN_PREFIX = ".kgsync/chain/";

/** More versions than anybody writes, and an exact number in JavaScript. */
const LAST = 999_999_999_999_999;
const NUMBER = /^(.+)\/([0-9]{15})$/;

/** Where the versions of a key lie. */
export const chainFolder = (of: string): string => `${CHAIN_PREFIX}${of}/`;

/** Numbers are written as what is left of them, so that the newest comes first in a listing. */
export const chainName = (of: string, number: number): Key =>
  key(`${chainFolder(of)}${String(LAST - number).padStart(15, "0")}`);

/** The key and number of a version's name; `undefined` for any other name. */
export const parseChainName = (name: string): { readonly of: string; readonly number: number } | undefined => {
  const [, of, left] = NUMBER.exec(name.startsWith(CHAIN_PREFIX) ? name.slice(CHAIN_PREFIX.length) : "") ?? [];
  return of === undefined ? undefined : { of, number: LAST - Number(left) };
};
