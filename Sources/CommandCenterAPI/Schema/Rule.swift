/// What contradicts itself: a field with this value needs another field to have one of some values.
public struct Rule: Hashable, Sendable {
  public let field: String
  public let value: JSONValue
  public let neededField: String
  /// As the wire has them. The needed field's default counts as given.
  public let neededValues: [JSONValue]

  /// - Parameters:
  ///   - field: the field that has a need, where it is `value`.
  ///   - neededField: the field that must then be one of `neededValues`.
  public init(
    where field: String, is value: JSONValue, needs neededField: String, among neededValues: [JSONValue]
  ) {
    self.field = field
    self.value = value
    self.neededField = neededField
    self.neededValues = neededValues
  }
}
