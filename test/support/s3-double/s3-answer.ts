/** What the double answers, before any fault touches it. */
export type S3Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"'\r]/g, (character) => `&#${character.charCodeAt(0)};`);

export const xmlAnswer = (xml: string, status = 200, headers: Record<string, string> = {}): S3Answer => ({
  status,
  headers: { "content-type": "application/xml", ...headers },
  body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`),
});

export const emptyAnswer = (status: number, headers: Record<string, string> = {}): S3Answer => ({
  status,
  headers,
  body: Buffer.alloc(0),
});

/** An error as S3 writes it ("Error responses", Amazon S3 API Reference). `extra` is more XML in it. */
export const errorAnswer = (status: number, code: string, extra = "", headers: Record<string, string> = {}): S3Answer =>
  xmlAnswer(`<Error><Code>${code}</Code><Message>The double says ${code}</Message>${extra}</Error>`, status, headers);
