public import Clock

/// A run as the store has it.
public struct RunRecord: Hashable, Sendable {
  public var id: RunID
  /// The path of the script.
  public var script: String
  /// The ``ContentHash`` of the script's text.
  public var scriptHash: String
  public var arguments: [String]
  public var night: String
  public var startedAt: Moment
  /// When it came to ``state``; nil while it runs.
  public var endedAt: Moment?
  public var state: RunState
  public var exitCode: Int?
  /// How often the run was claimed. Only the writes of the last claim count.
  public var epoch: Int
  /// Who made the last claim.
  public var owner: Owner
  public var isSimulated: Bool
  public var seed: UInt64
  public var options: [UInt8]
}
