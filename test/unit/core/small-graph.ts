/** A graph with one of everything that the app writes. */
export const smallGraph = {
  version: "1.0.0",
  last_updated: "2025-10-03T15:27:33.123456789Z",
  system_components: { core: { kind: "core" } },
  repository_structure: {},
  services: {
    user: { name: "user", category: "core", dependencies: ["redis"], metadata: { replicas: 2, tags: [true] } },
  },
  nexus: {},
  patterns: { retry: { name: "retry", category: "core" } },
  database_practices: null,
  redis_practices: null,
  amadeus_integration: {},
};

export const smallGraphText = JSON.stringify(smallGraph);
