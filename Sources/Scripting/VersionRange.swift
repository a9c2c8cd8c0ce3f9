/// A version such as 1.4.2: numbers with dots between; what is missing at the end is zero.
struct VersionNumber: Hashable, Comparable, Sendable {
  let text: String
  private let parts: [Int]

  init?(_ text: some StringProtocol) {
    let words = text.split(separator: ".", omittingEmptySubsequences: false)
    var parts: [Int] = []
    for word in words {
      guard !word.isEmpty, word.utf8.allSatisfy({ (48...57).contains($0) }), let part = Int(word) else {
        return nil
      }
      parts.append(part)
    }
    while parts.last == 0 { parts.removeLast() }
    self.text = String(text)
    self.parts = parts
  }

  static func == (left: VersionNumber, right: VersionNumber) -> Bool { left.parts == right.parts }
  static func < (left: VersionNumber, right: VersionNumber) -> Bool {
    left.parts.lexicographicallyPrecedes(right.parts)
  }
  func hash(into hasher: inout Hasher) { hasher.combine(parts) }
}

/// Which versions will do: `>= 1.2, < 2`.
struct VersionRange: Sendable {
  private enum Relation: String, CaseIterable {
    // The longer ones first: ">" begins ">=".
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
    case exactly = "="
  }

  private let bounds: [(Relation, VersionNumber)]
  let text: String

  var isEmpty: Bool { bounds.isEmpty }

  /// Any version.
  init() { (bounds, text) = ([], "") }

  /// - Returns: nil where the text is no range.
  init?(_ text: String) {
    var bounds: [(Relation, VersionNumber)] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let part = part.drop { $0 == " " }
      guard let relation = Relation.allCases.first(where: { part.hasPrefix($0.rawValue) }) else { return nil }
      var number = part.dropFirst(relation.rawValue.count).drop { $0 == " " }
      while number.last == " " { number.removeLast() }
      guard let version = VersionNumber(number) else { return nil }
      bounds.append((relation, version))
    }
    guard !bounds.isEmpty else { return nil }
    (self.bounds, self.text) = (bounds, text)
  }

  func contains(_ version: VersionNumber) -> Bool {
    bounds.allSatisfy { relation, bound in
      switch relation {
      case .atLeast: version >= bound
      case .atMost: version <= bound
      case .above: version > bound
      case .below: version < bound
      case .exactly: version == bound
      }
    }
  }
}
