export type Random = {
  /** Uniform in [0, 1). */
  readonly fraction: () => number;
  /** 128 random bits as 32 hexadecimal digits. */
  readonly id: () => string;
};
