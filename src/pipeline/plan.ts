/** The flags of `elt run` that shape the run. */
export interface RunFlags {
  readonly drain?: boolean;
  readonly follow?: boolean;
  readonly fullRefresh?: boolean;
  readonly acceptNewTopic?: boolean;
  readonly acceptLoss?: boolean;
}
