import { accessSync, constants, existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { digestParts } from "../adapters/runtime-folder/digest-parts.ts";
import { installParts, isInstalled, LINK } from "../adapters/runtime-folder/install-parts.ts";
import { isPortable } from "../adapters/runtime-folder/is-portable.ts";
import { listParts, type Part } from "../adapters/runtime-folder/list-parts.ts";
import { readElfNeeds } from "../adapters/runtime-folder/read-elf-needs.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Program } from "./program.ts";
import { renderInstall } from "./render-install.ts";

/** What `kgsync install` is to do. */
export type InstallRequest = { readonly folder: string; readonly json: boolean; readonly dryRun: boolean };

/**
 * `kgsync install DIR`: puts this very kgsync, with its Node and tini, into a folder that an app's container shares: by an
 * init container, into an emptyDir. Needs no settings. Resolves with the exit code.
 */
export const install = (program: Program, { folder, json, dryRun }: InstallRequest): number => {
  const target = resolve(folder);
  try {
    const bundle = ownFolder();
    assertReadable(process.execPath);
    const parts = listParts(bundle, process.execPath);
    const portable = isPortable(bundle, process.execPath);
    const installation = { target, digest: digestParts(parts), portable };
    const there = isInstalled(installation);
    if (!there && !dryRun) {
      const id = program.random.id().slice(0, 12);
      installParts(parts, installation, { id, now: program.clock.now().wall });
    }
    const view = {
      folder: join(target, LINK),
      outcome: there ? ("already there" as const) : dryRun ? ("would be installed" as const) : ("installed" as const),
      node: process.version,
      bytes: bytesOf(parts),
      tini: parts.some(({ name }) => name === "tini"),
      portable,
      needs: portable ? { loader: undefined, libraries: [] } : readElfNeeds(process.execPath),
    };
    program.print(renderInstall(view, json));
    return 0;
  } catch (cause) {
    if (cause instanceof KgsyncError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KgsyncError("disk", `kgsync cannot be installed into ${target}: ${why}`, {
      cause,
      hint: "Nothing is left half done. See that the folder can be written and has 200 MB left, and run it again.",
    });
  }
};

/** Where the bundle lies. */
const ownFolder = (): string => {
  const folder = import.meta.dirname;
  if (existsSync(join(folder, "kgsync.cjs"))) return folder;
  throw new KgsyncError("usage", "only a built kgsync can be installed, and this one runs from its sources.", {
    hint: "Build it with `npm run build` and run dist/kgsync.cjs.",
  });
};

const assertReadable = (node: string): void => {
  try {
    accessSync(node, constants.R_OK);
  } catch (cause) {
    throw new KgsyncError("usage", `${node} is execute-only here, and what cannot be read cannot be copied.`, {
      cause,
      hint: "Install from the image that is made for it: `docker build --target inject --tag kgsync-inject .`",
    });
  }
};

const bytesOf = (parts: readonly Part[]): number =>
  parts.reduce((sum, { from }) => sum + (statSync(from, { throwIfNoEntry: false })?.size ?? 0), 0);
