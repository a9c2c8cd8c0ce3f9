/// What keys of the journal tell of the step of the script's own in which they were made: `list`, or `list+inner`
/// for a step in a step.
enum StepKey {
  /// The steps of `backup.rds:aws-prod/eu-west-1/crm FULL@list+inner #1`, `list` and `list+inner`, and that of
  /// `sleep:15s night.lua:7 in 2@list.1 #1`; none of a key that was made in none.
  static func scopes(of key: String) -> [String] {
    guard key.utf8.contains(UInt8(ascii: "@")) else { return [] }
    let words = key.split(separator: " ")
    guard words.count > 1, let at = words[words.count - 2].lastIndex(of: "@") else { return [] }
    let rest = words[words.count - 2]
    return scopes(rest[rest.index(after: at)...].prefix { $0 != "." })
  }

  /// A step, and those around it.
  static func scopes(_ scope: Substring) -> [String] {
    scope.indices.filter { scope[$0] == "+" }.map { String(scope[..<$0]) } + [String(scope)]
  }
}
