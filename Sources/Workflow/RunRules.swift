/// What the command line says of a run, whatever its script says.
public struct RunRules: Hashable, Sendable {
  /// `--max-submits`: so many backups are submitted at most; nil for no limit.
  public var maxSubmits: Int?
  /// `--submit-late`: last_start of the window does not count.
  public var submitsLate = false

  public init() {}
}
