import CommandCenterAPI
import LuaVM

/// The one table of named arguments that a function takes, such as `{ client = "aws-prod", limit = 10 }`.
struct NamedArguments {
  let call: Stack
  let index: Int
  /// The function, for messages.
  let function: String

  /// - Parameter names: what it may hold; anything else is a mistake.
  init(_ call: Stack, _ index: Int, _ function: String, _ names: [String]) throws(LuaFailure) {
    self.call = call
    self.index = index
    self.function = function
    if call.isNothing(index) { return }
    guard call.type(index) == .table else {
      throw .argument(
        "\(function) takes a table such as { \(names.first ?? "name") = … }, not \(call.quoted(index))")
    }
    try call.forEach(index) { () throws(LuaFailure) in
      guard let key = call.string(-2), names.contains(key) else {
        let hint = didYouMean(call.string(-2) ?? "", among: names).map { "; did you mean \($0)?" }
        throw .argument(
          "\(function) knows no \(call.quoted(-2))\(hint ?? "; it takes \(names.joined(separator: ", "))")")
      }
    }
  }

  /// Gives the value of that name, on top of the stack, to `body`; nil where there is none.
  func value<Value>(_ name: String, _ body: () throws(LuaFailure) -> Value) throws(LuaFailure) -> Value? {
    guard call.type(index) == .table else { return nil }
    defer { call.pop() }
    return call.get(index, name) == .null ? nil : try body()
  }

  func text(_ name: String) throws(LuaFailure) -> String? {
    try value(name) { () throws(LuaFailure) in
      guard let text = call.string(-1), !text.isEmpty else { throw mistake(name, "a string") }
      return text
    }
  }

  func flag(_ name: String) throws(LuaFailure) -> Bool {
    try value(name) { () throws(LuaFailure) in
      guard call.type(-1) == .boolean else { throw mistake(name, "true or false") }
      return call.boolean(-1)
    } ?? false
  }

  /// An integer from 1.
  func count(_ name: String) throws(LuaFailure) -> Int64? {
    try value(name) { () throws(LuaFailure) in
      guard let number = call.integer(-1), number > 0 else { throw mistake(name, "a number from 1") }
      return number
    }
  }

  /// A name, or the id of what is meant.
  func naming(_ name: String) throws(LuaFailure) -> Naming? {
    try value(name) { () throws(LuaFailure) in
      if let id = call.integer(-1), id > 0 { return .id(id) }
      guard let text = call.string(-1), !text.isEmpty else { throw mistake(name, "a name or an id") }
      return .name(text)
    }
  }

  /// - Parameter what: what it should have been.
  func mistake(_ name: String, _ what: String) -> LuaFailure {
    .argument("\(function): \(name) must be \(what), not \(call.quoted(-1))")
  }
}

/// How a script names a client, an instance or a backup set.
enum Naming: Hashable, Sendable {
  case name(String)
  case id(Int64)

  /// For messages: names in quotes.
  var text: String {
    switch self {
    case .name(let name): "\"\(name)\""
    case .id(let id): String(id)
    }
  }

  /// Whether it means this one at that level.
  func means(_ entity: some EntityNaming, at level: EntityLevel) -> Bool {
    switch self {
    case .name(let name): entity.name(level)?.namesTheSame(as: name) ?? false
    case .id(let id): entity.id(level) == id
    }
  }
}
