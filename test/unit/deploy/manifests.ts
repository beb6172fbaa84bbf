import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { StatefulSet } from "kubernetes-types/apps/v1.js";
import type { ConfigMap, Container, PodSpec, Service, ServiceAccount } from "kubernetes-types/core/v1.js";
import type { NetworkPolicy } from "kubernetes-types/networking/v1.js";
import { parseAllDocuments } from "yaml";

/** Where the manifests are. */
export const FOLDER = join(import.meta.dirname, "../../../deploy/kubernetes");

/** The examples, which are what is rendered. */
export const EXAMPLES: readonly string[] = readdirSync(join(FOLDER, "examples")).sort();

/** The rendered documents of an example, in the order of the file. Throws where the file is no YAML. */
export const documentsOf = (example: string): readonly { readonly kind: string }[] =>
  parseAllDocuments(readFileSync(join(FOLDER, "rendered", `${example}.yaml`), "utf8"), { uniqueKeys: true }).map(
    (document) => {
      if (document.errors.length > 0) throw document.errors[0];
      return document.toJS();
    },
  );

/** What the API knows of these; PodMonitor and PrometheusRule are an operator's. */
export type Manifests = {
  readonly statefulSet: StatefulSet;
  readonly configMap: ConfigMap;
  readonly service: Service;
  readonly serviceAccount: ServiceAccount;
  readonly networkPolicy: NetworkPolicy | undefined;
};

/** The documents of an example by kind: each of these is there once, the network policy at most. */
export const manifestsOf = (example: string): Manifests => {
  const documents = documentsOf(example);
  // biome-ignore lint/suspicious/noExplicitAny: what is parsed is checked against these types by tsc, in typed.test.ts
  const one = (kind: string): any => {
    const found = documents.filter((document) => document.kind === kind);
    if (found.length !== 1) throw new Error(`${example} has ${found.length} of kind ${kind}`);
    return found[0];
  };
  return {
    statefulSet: one("StatefulSet"),
    configMap: one("ConfigMap"),
    service: one("Service"),
    serviceAccount: one("ServiceAccount"),
    networkPolicy: documents.some(({ kind }) => kind === "NetworkPolicy") ? one("NetworkPolicy") : undefined,
  };
};

/** Throws where it is missing: the type has it optional, a manifest of ours does not. */
export const there = <T>(value: T | null | undefined, what: string): T => {
  if (value === undefined || value === null) throw new Error(`${what} is missing`);
  return value;
};

export const podOf = ({ statefulSet }: Manifests): PodSpec => there(statefulSet.spec?.template.spec, "the pod");

export const containersOf = (pod: PodSpec): readonly Container[] => [...(pod.initContainers ?? []), ...pod.containers];

/** The container that kgsync runs in while the app does: the one with its settings. */
export const kgsyncOf = (pod: PodSpec): Container => {
  const found = containersOf(pod).filter(({ envFrom }) => envFrom !== undefined);
  if (found.length !== 1) throw new Error(`${found.length} containers have kgsync's settings`);
  return there(found[0], "kgsync's container");
};

export const appOf = (pod: PodSpec): Container =>
  there(
    pod.containers.find(({ name }) => name === "app"),
    "the app's container",
  );
