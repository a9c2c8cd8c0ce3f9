/// What a store did since it was made.
public struct JournalStatistics: Hashable, Sendable {
  /// Calls that wanted something written.
  public var calls = 0
  /// Transactions tried: those calls in groups.
  public var transactions = 0
  /// Transactions that put something on the disk. Each costs one `fdatasync` of the log; besides, every
  /// thousand pages or so go from the log into the file, for two more.
  public var commits = 0

  public init() {}
}
