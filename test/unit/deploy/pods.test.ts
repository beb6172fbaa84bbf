import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Container, PodSpec } from "kubernetes-types/core/v1.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderInstall } from "../../../src/commands/render-install.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { SETTINGS } from "../../../src/config/schema.ts";
import { parseDuration } from "../../../src/core/duration.ts";
import { appOf, containersOf, documentsOf, EXAMPLES, kgsyncOf, manifestsOf, podOf, there } from "./manifests.ts";

const textOf = (path: string): string => readFileSync(join(import.meta.dirname, "../../..", path), "utf8");
const mountOf = ({ volumeMounts }: Container, name: string) => volumeMounts?.find((mount) => mount.name === name);
const userOf = (pod: PodSpec, container: Container): number | undefined =>
  container.securityContext?.runAsUser ?? pod.securityContext?.runAsUser;

/** What breaks the Pod Security Standards' "restricted" (https://kubernetes.io/docs/concepts/security/pod-security-standards). */
const unrestricted = (pod: PodSpec): readonly string[] => {
  const volumes = (pod.volumes ?? []).filter(
    ({ configMap, downwardAPI, emptyDir, projected, secret, persistentVolumeClaim }) =>
      [configMap, downwardAPI, emptyDir, projected, secret, persistentVolumeClaim].every((of) => of === undefined),
  );
  return [
    ...(pod.hostNetwork || pod.hostPID || pod.hostIPC ? ["a namespace of the host"] : []),
    ...volumes.map(({ name }) => `volume ${name}`),
    ...containersOf(pod).flatMap((container) => {
      const { name, securityContext: own = {}, ports } = container;
      const nonRoot = own.runAsNonRoot ?? pod.securityContext?.runAsNonRoot;
      const seccomp = own.seccompProfile ?? pod.securityContext?.seccompProfile;
      const wrong = [
        ...(nonRoot === true && userOf(pod, container) !== 0 ? [] : ["runAsNonRoot"]),
        ...(own.allowPrivilegeEscalation === false ? [] : ["allowPrivilegeEscalation"]),
        ...(own.privileged ? ["privileged"] : []),
        ...(own.capabilities?.drop?.includes("ALL") ? [] : ["capabilities.drop"]),
        ...((own.capabilities?.add ?? []).length === 0 ? [] : ["capabilities.add"]),
        ...(seccomp?.type === "RuntimeDefault" ? [] : ["seccompProfile"]),
        ...(ports?.some(({ hostPort }) => hostPort !== undefined) ? ["hostPort"] : []),
      ];
      return wrong.map((what) => `${name}: ${what}`);
    }),
  ];
};

describe.each(EXAMPLES)("%s", (example) => {
  const manifests = manifestsOf(example);
  const { statefulSet, configMap, service, serviceAccount } = manifests;
  const pod = podOf(manifests);
  const kgsync = kgsyncOf(pod);
  const data = there(configMap.data, "the settings");

  it("has settings that kgsync accepts without a warning", () => {
    const env = { ...data, KUBERNETES_SERVICE_HOST: "10.0.0.1" };
    expect(loadConfig(env, {}, () => "a secret of some length").warnings).toEqual([]);
    expect(kgsync.envFrom).toEqual([{ configMapRef: { name: configMap.metadata?.name } }]);
  });

  it("has the grace of the pod in KGSYNC_GRACE", () => {
    const grace = parseDuration(there(data["KGSYNC_GRACE"], "KGSYNC_GRACE"));
    expect(grace).toBe(there(pod.terminationGracePeriodSeconds, "the grace") * 1000);
    for (const { lifecycle } of containersOf(pod)) expect(lifecycle).toBeUndefined();
  });

  it("asks kgsync's port, and has more patience at the start than kgsync itself", () => {
    const port = there(
      kgsync.ports?.find(({ name }) => name === "kgsync"),
      "the port",
    );
    expect(data["KGSYNC_HTTP"]).toBe(`:${port.containerPort}`);
    const { startupProbe, livenessProbe, readinessProbe } = kgsync;
    expect(startupProbe?.httpGet).toEqual({ path: "/startupz", port: "kgsync" });
    expect(livenessProbe?.httpGet).toEqual({ path: "/livez", port: "kgsync" });
    const sidecar = kgsync.restartPolicy === "Always";
    expect(readinessProbe?.httpGet).toEqual(sidecar ? undefined : { path: "/readyz", port: "kgsync" });
    const patience = there(startupProbe?.periodSeconds, "period") * there(startupProbe?.failureThreshold, "threshold");
    const start = parseDuration(SETTINGS.find(({ key }) => key === "startTimeout")?.fallback ?? "") ?? Number.NaN;
    expect(patience * 1000).toBeGreaterThan(start);
  });

  it("is one replica, on a disk of its own that is mounted as a folder", () => {
    expect(statefulSet.spec?.replicas).toBe(1);
    expect(statefulSet.spec?.serviceName).toBe(service.metadata?.name);
    expect(service.spec?.clusterIP).toBe("None");
    expect(statefulSet.spec?.selector.matchLabels).toEqual(service.spec?.selector);
    expect(statefulSet.spec?.template.metadata?.labels).toMatchObject(service.spec?.selector ?? { none: "" });
    expect(statefulSet.spec?.volumeClaimTemplates?.map(({ metadata }) => metadata?.name)).toEqual(["state"]);
    for (const container of [kgsync, appOf(pod)]) {
      const mount = there(mountOf(container, "state"), `${container.name}'s folder`);
      expect(mount.subPath).toBeUndefined();
      expect(mount.readOnly).not.toBe(true);
      if (container !== kgsync) continue;
      for (const name of ["KGSYNC_GRAPH", "KGSYNC_BACKUPS"])
        expect(there(data[name], name).startsWith(`${mount.mountPath}/`)).toBe(true);
    }
  });

  it("mounts volumes that are there, each once", () => {
    const names = [
      ...(pod.volumes ?? []),
      ...(statefulSet.spec?.volumeClaimTemplates ?? []).map(({ metadata }) => metadata),
    ];
    const declared = names.map((one) => there(one?.name, "a name")).sort();
    expect(declared).toEqual([...new Set(declared)]);
    const used = containersOf(pod).flatMap(({ volumeMounts }) => volumeMounts?.map(({ name }) => name) ?? []);
    expect([...new Set(used)].sort()).toEqual(declared);
  });

  it("names images by version, kgsync's by that of this repository", () => {
    for (const { image } of containersOf(pod)) expect(image).toMatch(/^[a-z0-9./-]+:\d+\.\d+\.\d+$/);
    const { version }: { readonly version: string } = JSON.parse(textOf("package.json"));
    const own = (pod.initContainers ?? []).map(({ image }) => image?.split("/").at(-1));
    // What is installed must be readable, and kgsync's own image is execute-only.
    const name = example.startsWith("inject") ? "kgsync-inject" : "kgsync";
    expect(own.filter((image) => image !== `${name}:${version}`)).toEqual([]);
  });

  it("runs all containers as one user, that of kgsync's image, so that they can read each other's files", () => {
    const users = containersOf(pod).map((container) => userOf(pod, container));
    expect(new Set(users)).toEqual(new Set([65532]));
    expect(textOf("Dockerfile")).toMatch(/^USER 65532:65532$/m);
    expect(pod.securityContext).toMatchObject({ runAsGroup: 65532, fsGroup: 65532 });
  });

  it("has credentials in kgsync's container alone, and no token of the API", () => {
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(serviceAccount.automountServiceAccountToken).toBe(false);
    expect(pod.serviceAccountName).toBe(serviceAccount.metadata?.name);
    expect(pod.enableServiceLinks).toBe(false);
    const holders = containersOf(pod).filter((container) => mountOf(container, "credentials") !== undefined);
    expect(holders).toEqual([kgsync]);
    const path = there(mountOf(kgsync, "credentials"), "credentials").mountPath;
    const sources = there(pod.volumes?.find(({ name }) => name === "credentials")?.projected?.sources, "sources");
    const files = sources.flatMap(({ secret, serviceAccountToken }) =>
      serviceAccountToken === undefined ? (secret?.items ?? []).map((item) => item.path) : [serviceAccountToken.path],
    );
    const named = Object.entries(data).flatMap(([name, value]) => (name.endsWith("_FILE") ? [value] : []));
    expect(named.sort()).toEqual(files.map((file) => `${path}/${file}`).sort());
  });

  it("keeps kgsync's own containers to Pod Security \"restricted\", and the app's with the component", () => {
    const own = containersOf(pod).filter(({ image }) => image?.includes("kgsync"));
    const wrong = unrestricted(pod);
    expect(wrong.filter((what) => own.some(({ name }) => what.startsWith(`${name}:`)))).toEqual([]);
    if (example.endsWith("-keys")) expect(wrong).not.toEqual([]);
    else expect(wrong).toEqual([]);
    for (const container of example.endsWith("-keys") ? own : containersOf(pod))
      expect(container.securityContext?.readOnlyRootFilesystem).toBe(true);
  });
});

describe("the ways of kgsync to the app", () => {
  it("entrypoint: the image's own entrypoint, in the app's container", () => {
    const pod = podOf(manifestsOf("entrypoint-keys"));
    expect(pod.initContainers).toBeUndefined();
    expect(kgsyncOf(pod)).toBe(appOf(pod));
    expect(appOf(pod).command).toBeUndefined();
  });

  it("sidecar: started before the app and held to a probe, with the same volume and user; the app has none of its settings", () => {
    const manifests = manifestsOf("sidecar-keys");
    const pod = podOf(manifests);
    const sidecar = kgsyncOf(pod);
    expect(manifests.configMap.data?.["KGSYNC_QUIESCE"]).toBe("0");
    expect(pod.initContainers).toEqual([sidecar]);
    expect(sidecar).toMatchObject({ name: "kgsync", restartPolicy: "Always", command: ["kgsync", "watch"] });
    expect(mountOf(appOf(pod), "state")).toEqual(mountOf(sidecar, "state"));
    expect(userOf(pod, appOf(pod))).toBe(userOf(pod, sidecar));
    expect(appOf(pod)).not.toHaveProperty("envFrom");
    expect(appOf(pod)).not.toHaveProperty("env");
  });

  it("inject: what the init container has installed stands before the app's own command", () => {
    const pod = podOf(manifestsOf("inject-keys"));
    const [install] = pod.initContainers ?? [];
    const [, , folder = "none"] = there(install?.command, "command");
    expect(install).toMatchObject({ command: ["kgsync", "install", folder] });
    expect(install?.restartPolicy).toBeUndefined();
    expect(mountOf(there(install, "install"), "kgsync")?.mountPath).toBe(folder);
    const app = appOf(pod);
    const { mountPath, readOnly } = there(mountOf(app, "kgsync"), "mount");
    expect(readOnly).toBe(true);
    const installed = {
      outcome: "installed",
      folder: `${mountPath}/kgsync`,
      node: "v24",
      bytes: 1,
      tini: true,
      portable: true,
    } as const;
    expect(app.command).toEqual(JSON.parse(renderInstall({ ...installed, needs: undefined }, true)).command);
    expect(app.args).toEqual(["/my-app"]);
  });

  it("the base without the component grace is refused", () => {
    const base = textOf("deploy/kubernetes/base/kustomization.yaml");
    const grace = there(/- KGSYNC_GRACE=(\S+)/.exec(base)?.[1], "the grace of the base");
    const env = { KGSYNC_BUCKET: "s3://my-bucket/my-app", KGSYNC_GRACE: grace };
    expect(() => loadConfig(env, {}, () => "")).toThrow(/KGSYNC_GRACE.*shorter/);
  });

  it("a grace that a component changed arrives in kgsync's settings", () => {
    const manifests = manifestsOf("graph-api");
    expect(podOf(manifests).terminationGracePeriodSeconds).toBe(90);
    expect(manifests.configMap.data?.["KGSYNC_GRACE"]).toBe("90s");
  });
});

describe.each(EXAMPLES.filter((example) => example.endsWith("-hardened")))("%s", (example) => {
  const manifests = manifestsOf(example);
  const labels = manifests.statefulSet.spec?.template.metadata?.labels;

  it("lets the app's port be reached by all, kgsync's by the monitoring, and reaches DNS and the bucket alone", () => {
    const spec = there(manifests.networkPolicy?.spec, "the policy");
    expect(labels).toMatchObject(spec.podSelector.matchLabels ?? { none: "" });
    expect(spec.policyTypes).toEqual(["Ingress", "Egress"]);
    const open = spec.ingress?.filter(({ from }) => from === undefined).flatMap(({ ports }) => ports);
    expect(open).toEqual([{ port: "app" }]);
    expect(spec.egress?.flatMap(({ ports }) => ports?.map(({ port }) => port))).toEqual([53, 53, 443]);
  });

  it("has the alerts of deploy/monitoring, all of them and no others", () => {
    expect(documentsOf(example).filter(({ kind }) => kind === "PrometheusRule")).toEqual([
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: { name: "app" },
        spec: parse(textOf("deploy/monitoring/alerts.yaml")),
      },
    ]);
  });

  it("is scraped on kgsync's port, by the operator or by annotation", () => {
    const monitor = documentsOf(example).find(({ kind }) => kind === "PodMonitor");
    expect(monitor).toMatchObject({
      apiVersion: "monitoring.coreos.com/v1",
      spec: {
        selector: { matchLabels: { "app.kubernetes.io/name": labels?.["app.kubernetes.io/name"] } },
        podMetricsEndpoints: [{ port: "kgsync", path: "/metrics" }],
      },
    });
    expect(manifests.statefulSet.spec?.template.metadata?.annotations).toMatchObject({
      "prometheus.io/scrape": "true",
      "prometheus.io/port": "9465",
      "prometheus.io/path": "/metrics",
    });
  });
});
