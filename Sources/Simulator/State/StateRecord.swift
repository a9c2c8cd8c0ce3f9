/// One thing that outlives a restart, as JSON.
public struct StateRecord: Hashable, Sendable {
  /// What it is, such as `job`.
  public var kind: String
  /// Which one of its kind.
  public var key: String
  /// In UTF-8; nil where the thing is gone.
  public var json: [UInt8]?

  public init(kind: String, key: String, json: [UInt8]?) {
    self.kind = kind
    self.key = key
    self.json = json
  }
}
