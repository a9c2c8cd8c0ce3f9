/// A value that the API knows by a name and, for most, by a number too. Which of the two goes over the wire
/// is the page's choice, field by field; a script may write either.
public struct NamedValue: Hashable, Sendable {
  /// The name as the server writes it, such as `FULL`.
  public let name: String
  /// The number that means the same; nil where none is known.
  public let number: Int64?

  public init(_ name: String, _ number: Int64? = nil) {
    self.name = name
    self.number = number
  }
}

/// A set of named values that the API gives a meaning.
public protocol NamedValues: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
  /// The number that means the same; nil where none is known.
  var number: Int64? { get }
}

extension NamedValues {
  /// The name as the server writes it.
  public var name: String { rawValue }

  public var value: NamedValue { NamedValue(rawValue, number) }

  /// Every value of the set, in the order of its declaration.
  public static var values: [NamedValue] { allCases.map(\.value) }

  public init?(number: Int64) {
    guard let match = Self.allCases.first(where: { $0.number == number }) else { return nil }
    self = match
  }

  /// Finds a value by its name as people and servers write it: case, spaces, `_` and `-` do not count, so
  /// `Synthetic Full` is `SYNTHETIC_FULL`.
  public init?(named name: String) {
    let wanted = Self.folded(name)
    guard let match = Self.allCases.first(where: { Self.folded($0.rawValue) == wanted }) else { return nil }
    self = match
  }

  private static func folded(_ name: String) -> [UInt8] {
    foldedASCII(name).filter { $0 != 0x20 && $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
  }
}
