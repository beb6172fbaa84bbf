/** What is sent back for a GET. The length, and the headers that keep a browser from doing more than to show it, are added. */
export type HttpAnswer = {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  /** `Content-Security-Policy`, where the body is a page; without it, nothing may be loaded or run. */
  readonly policy?: string;
};

/** `path` is decoded by nobody and names no file. A rejection becomes a 500 without words. */
export type HttpRoute = (path: string, query: URLSearchParams) => Promise<HttpAnswer>;
