/// One thing that is wrong with a payload, for the author of a script.
public struct Mistake: Hashable, Sendable, CustomStringConvertible {
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// A name that the workload does not know.
    case unknownField
    /// A required field that is not given.
    case missing
    /// A value of a type that the field does not take.
    case wrongType
    /// A value that is not among those allowed.
    case notAllowed
    /// A number beyond its range.
    case outOfRange
    /// Values that cannot go together.
    case contradiction
    /// Tables nested in a way that the payload is not.
    case badStructure
    /// A string that is no UTF-8.
    case badText
    /// A name of nothing that the Command Center has.
    case notFound
    /// A name of several things that it has.
    case ambiguous
  }

  public let kind: Kind
  /// The field or container that it is about.
  public let field: String
  /// Which association it is in, from 0, where there are several; nil elsewhere.
  public let association: Int?
  /// A sentence without a full stop, which names the field and the way out.
  public let message: String
  /// The name that was likely meant, where it is about an unknown one.
  public let suggestion: String?

  public init(
    _ kind: Kind, field: String, association: Int? = nil, message: String, suggestion: String? = nil
  ) {
    self.kind = kind
    self.field = field
    self.association = association
    self.message = message
    self.suggestion = suggestion
  }

  /// The message, led by the association it is in. These are counted from 1 as Lua does.
  public var description: String {
    association.map { "association \($0 + 1): \(message)" } ?? message
  }
}

extension Workload {
  /// The mistake of naming a field that is none.
  ///
  /// - Parameter container: the container it was written in; nil where it was written flat.
  public func unknownField(_ field: String, in container: Int? = nil, association: Int? = nil) -> Mistake {
    let known = fields.map(\.name) + containers.map(\.name) + [WorkloadCheck.reservedName]
    let suggestion = didYouMean(field, among: known)
    let place = container.map { " in \(containers[$0].name)" } ?? ""
    return Mistake(
      .unknownField, field: field, association: association,
      message: "\(field.onOneLine(limit: 60)) is no field of \(name)\(place)\(suggestion.suffix)",
      suggestion: suggestion)
  }
}
