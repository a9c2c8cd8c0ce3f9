/// The text of a script or a module as a run used it. The store keeps equal texts once.
public struct Source: Hashable, Sendable {
  /// The script's path, or the name by which a module was required. Unique within its run.
  public var name: String
  public var bytes: [UInt8]

  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// The name that the bytes are stored under.
  public var hash: String { ContentHash.of(bytes) }
}
