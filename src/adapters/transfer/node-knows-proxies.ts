/** Node's agents take a proxy from 22.21 and 24.5 on (nodejs.org/api/http.html, `proxyEnv`). */
export const nodeKnowsProxies = (version: string): boolean => {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return (major === 22 && minor >= 21) || (major === 24 && minor >= 5) || major > 24;
};
