import CommandCenterAPI
public import LuaVM

/// What a team's library says of itself in `library.lua`, at the root of its folder:
///
/// ```lua
/// return { name = "team", version = "1.4", cvlua = ">= 0.1", needs = { "base", policies = ">= 2, < 3" } }
/// ```
///
/// It is evaluated without any globals. All of it may be left out; the name is then that of the folder.
public struct LibraryManifest: Sendable {
  /// Another library that it needs.
  struct Need: Sendable {
    let name: String
    let versions: VersionRange
  }

  /// The library's folder.
  public let folder: String
  public let name: String
  let version: VersionNumber?
  let cvlua: VersionRange
  let needsByName: [Need]

  /// The names of the libraries that it needs.
  public var needs: [String] { needsByName.map(\.name) }
  private var file: String { "\(folder)/library.lua" }

  /// A library that says nothing of itself.
  public init(folder: String) {
    self.folder = folder
    name = Self.lastName(of: folder)
    version = nil
    cvlua = VersionRange()
    needsByName = []
  }

  /// Reads the text of a `library.lua`.
  public init(_ source: [UInt8], folder: String, _ call: Stack) throws(LuaFailure) {
    let stack = call.core.stack
    let file = "\(folder)/library.lua"
    try stack.core.pushDescription(source, name: file)
    defer { stack.pop() }
    let table = stack.top
    guard stack.type(table) == .table else {
      throw Self.mistake(
        file, "it returns a table such as { cvlua = \">= 0.1\" }, not \(stack.quoted(table))")
    }
    let names = ["name", "version", "cvlua", "needs"]
    try stack.forEach(table) { () throws(LuaFailure) in
      guard let name = stack.string(-2), names.contains(name) else {
        let hint = didYouMean(stack.string(-2) ?? "", among: names).map { "did you mean \($0)?" }
        throw Self.mistake(
          file, "it knows no \(stack.quoted(-2)); \(hint ?? "it takes \(names.joined(separator: ", "))")")
      }
    }
    func text(_ name: String) throws(LuaFailure) -> String? {
      defer { stack.pop() }
      guard stack.get(table, name) != .null else { return nil }
      guard let text = stack.string(-1), !text.isEmpty else {
        throw Self.mistake(file, "\(name) must be a string, not \(stack.quoted(-1))")
      }
      return text
    }
    func range(_ text: String?, _ name: String) throws(LuaFailure) -> VersionRange {
      guard let text else { return VersionRange() }
      if let range = VersionRange(text) { return range }
      throw Self.mistake(file, "\(name) must be such as \">= 0.1\" or \">= 1.2, < 2\", not \"\(text)\"")
    }
    self.folder = folder
    name = try text("name") ?? Self.lastName(of: folder)
    version = try text("version").map { (given) throws(LuaFailure) in
      if let version = VersionNumber(given) { return version }
      throw Self.mistake(file, "version must be such as \"1.4\", not \"\(given)\"")
    }
    cvlua = try range(try text("cvlua"), "cvlua")
    var needs: [Need] = []
    defer { stack.pop() }
    if stack.get(table, "needs") != .null {
      guard stack.type(-1) == .table else {
        throw Self.mistake(
          file, "needs must be a list of libraries such as { \"base\" }, not \(stack.quoted(-1))")
      }
      try stack.forEach(-1) { () throws(LuaFailure) in
        guard let value = stack.string(-1) else {
          throw Self.mistake(file, "needs holds \(stack.quoted(-1)), where the name of a library is wanted")
        }
        if let name = stack.string(-2) {
          needs.append(Need(name: name, versions: try range(value, "needs.\(name)")))
        } else {
          needs.append(Need(name: value, versions: VersionRange()))
        }
      }
    }
    needsByName = needs.sorted { $0.name < $1.name }
  }

  /// Raises the first need that is not met.
  ///
  /// - Parameters:
  ///   - version: this program's.
  ///   - others: the libraries that are there besides.
  public func check(version: String, beside others: [LibraryManifest]) throws(LuaFailure) {
    if let running = VersionNumber(version), !cvlua.contains(running) {
      throw Self.mistake(file, "the library \(name) needs cvlua \(cvlua.text), and this is \(version)")
    }
    for need in needsByName {
      let found = others.filter { $0.name == need.name }
      if found.contains(where: { $0.version.map(need.versions.contains) ?? need.versions.isEmpty }) {
        continue
      }
      let wanted = need.versions.isEmpty ? need.name : "\(need.name) \(need.versions.text)"
      guard let other = found.first else {
        throw Self.mistake(
          file,
          "the library \(name) needs the library \(wanted), which is in no library folder; name its folder by --library, CVLUA_PATH or the profile's library"
        )
      }
      let has = other.version.map { "is \($0.text)" } ?? "says no version in its library.lua"
      throw Self.mistake(
        file, "the library \(name) needs the library \(wanted), and the one in \(other.folder) \(has)")
    }
  }

  private static func lastName(of folder: String) -> String {
    folder.split(separator: "/").last.map(String.init) ?? folder
  }

  private static func mistake(_ file: String, _ text: String) -> LuaFailure {
    LuaFailure("library", "\(file): \(text)")
  }
}
