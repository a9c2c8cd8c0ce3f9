/// The answer of `GET /CommServ`: what a Command Center calls itself. Its URL may lead to another one tomorrow;
/// this does not.
public struct CommServ: Hashable, Sendable {
  public var name: String
  /// The server's own identity; nil where it tells none.
  public var guid: String?

  /// - Throws: what the server says went wrong, or `.unintelligible`.
  public static func decode(status: Int, body: [UInt8]) throws(ServerError) -> CommServ {
    if (200..<300).contains(status), let commcell = (try? JSONValue(parsing: body))?["commcell"],
      let name = commcell["commCellName"]?.string, !name.isEmpty
    {
      return CommServ(name: name, guid: commcell["csGUID"]?.string.flatMap { $0.isEmpty ? nil : $0 })
    }
    throw ServerError.decode(status: status, body: body) ?? .unintelligible(status, body)
  }
}
