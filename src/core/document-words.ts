/** What the use cases say of the graph, said of another document. A path or a key that holds the word stays as it is. */
export const documentWords = (text: string): string =>
  text.replaceAll(/(?<![\w./=-])graph(?!\w|[/=-]|\.\w)/g, "document");
