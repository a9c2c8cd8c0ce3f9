public import Clock

/// A run about to start.
public struct NewRun: Hashable, Sendable {
  /// nil lets the store make one from ``startedAt``.
  public var id: RunID?
  /// The script, and the modules known by now; ``Change/source(_:)`` adds those required later.
  public var script: Source
  public var modules: [Source] = []
  /// None of them holds a NUL, as none of a process's arguments can.
  public var arguments: [String] = []
  /// The night that the run belongs to, fixed at its first start: `2026-11-21`.
  public var night: String
  public var startedAt: Moment
  /// Whether it talks to a simulated Command Center.
  public var isSimulated = false
  /// What the run's random numbers come from.
  public var seed: UInt64 = 0
  /// Window, variables and whatever else the engine wants back at a resume.
  public var options: [UInt8] = []

  public init(script: Source, night: String, startedAt: Moment) {
    self.script = script
    self.night = night
    self.startedAt = startedAt
  }
}
