import CommandCenterAPI
import PageBodies

extension Fixture {
  /// Without white space.
  static func compact(_ body: String) throws -> String {
    String(decoding: try JSONValue(parsing: body).encoded(), as: UTF8.self)
  }

  /// The fields of a body, out of all its objects.
  static func flat(_ body: String) throws -> [(name: String, value: Given)] {
    func leaves(_ json: JSONValue) -> [(name: String, value: Given)] {
      (json.array ?? []).flatMap(leaves)
        + (json.members ?? []).flatMap { member in
          member.value.members == nil && member.value.array == nil
            ? [(member.name, Given(member.value))] : leaves(member.value)
        }
    }
    return leaves(try JSONValue(parsing: body))
  }
}
