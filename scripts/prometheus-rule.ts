/** The alerting rules of a file of Prometheus as a manifest of the Prometheus operator, whose `spec` is such a file. */
export const prometheusRule = (alerts: string): string => {
  const rules = alerts.replace(/^(?:#.*\n)+/, "").replaceAll(/^(?=.)/gm, "  ");
  return `# Made from deploy/monitoring/alerts.yaml. Do not edit: node scripts/render-kubernetes.ts
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: app
spec:
${rules}`;
};
