/** A GPU, or a part of one that is divided in hardware (MIG), as the driver describes it. */
export interface Gpu {
  /** What CUDA_VISIBLE_DEVICES names it by: `GPU-…` or `MIG-…`; unlike an index it stays the same after a restart. */
  readonly uuid: string;
  /** The driver's number of the card. */
  readonly index: number;
  /** `NVIDIA H100 80GB HBM3`, or `NVIDIA A100-SXM4-40GB MIG 3g.20gb`. */
  readonly name: string;
  readonly driverVersion: string | null;
  /** Null where the driver does not say, as of a part of a card. */
  readonly memoryTotalBytes: number | null;
  readonly memoryUsedBytes: number | null;
  /** Share of the last moments in which something ran on it, 0 to 1. */
  readonly utilisation: number | null;
}
