public import CommandCenterAPI
public import Testing

/// By its name: a schema is too long for a line.
extension Workload: CustomTestStringConvertible {
  public var testDescription: String { name }
}
