import CommandCenterAPI
internal import Glibc
import LuaVM
import Scripting

/// Finds the modules that scripts require: in the library folders, then among those that ship with the binary.
struct ModuleFinder: Sendable {
  /// Folders, in the order in which they are searched: those of libraries, the script's own last.
  let roots: [String]
  /// How many of them are libraries, whose modules have globals of their own.
  let libraryCount: Int

  /// What the standard library is called among libraries.
  private static let standardLibrary = "[cvlua]"

  /// - Parameters:
  ///   - libraries: of the command line; CVLUA_PATH comes after them, then those of the profile, the script's
  ///     own folder last.
  init(libraries: [String], ofProfile: [String] = [], script: String?) {
    var roots = libraries
    if let path = getenv("CVLUA_PATH") {
      roots += String(cString: path).split(separator: ":").map(String.init)
    }
    roots += ofProfile
    libraryCount = roots.count
    if let script {
      let folder = script.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
        separator: "/")
      roots.append(folder.isEmpty ? (script.hasPrefix("/") ? "/" : ".") : folder)
    }
    self.roots = roots
  }

  /// A module's name is words of letters, digits, `_` and `-` with dots between: it cannot leave a folder.
  func find(_ name: String) -> VM.ModuleSearch {
    let words = name.split(separator: ".", omittingEmptySubsequences: false)
    let isName = words.allSatisfy { word in
      !word.isEmpty
        && word.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
          default: false
          }
        }
    }
    guard isName else {
      return .notFound("\n\ta module's name is made of letters, digits, _ and -, with dots for folders")
    }
    let relative = words.joined(separator: "/")
    var tried = ""
    for (index, root) in roots.enumerated() {
      for path in ["\(root)/\(relative).lua", "\(root)/\(relative)/init.lua"] {
        guard let real = Self.realPath(path) else {
          tried += "\n\tno file '\(path)'"
          continue
        }
        guard let folder = Self.realPath(root), real.hasPrefix(folder == "/" ? "/" : folder + "/") else {
          return .notFound(tried + "\n\t'\(path)' leads out of its library")
        }
        // One that is there and cannot be had is not replaced by another of the same name.
        switch FileContents.readRegular(path, name: path, atMost: Self.mostOfModule) {
        case .success(let bytes):
          return .found(bytes, path: path, library: index < libraryCount ? folder : nil)
        case .failure(let failure): return .notFound(tried + "\n\t\(failure.message)")
        }
      }
    }
    // Places in [cvlua…] do not count: a mistake is told with the line of the script that made it.
    if let bytes = StandardModules.text(name) {
      return .found(bytes, path: "[cvlua]/\(name).lua", library: Self.standardLibrary)
    }
    let hint = didYouMean(name, among: modules(beside: words)).map { "\n\tdid you mean '\($0)'?" } ?? ""
    return .notFound(tried + "\n\tno module '\(name)' in the standard library\(hint)")
  }

  private static let mostOfModule = 1 << 30

  // MARK: libraries

  /// Raises where a library's `library.lua` says that it cannot be used here.
  ///
  /// - Parameter library: its folder's real path, as found modules have it.
  func check(_ library: String, _ call: Stack) throws(LuaFailure) {
    guard library != Self.standardLibrary, let manifest = try manifest(library, call) else { return }
    if manifest.needs.isEmpty {
      return try manifest.check(version: Version.number, beside: [])
    }
    var others: [LibraryManifest] = []
    for root in roots.prefix(libraryCount) {
      guard let folder = Self.realPath(root), folder != library else { continue }
      others.append(try self.manifest(folder, call) ?? LibraryManifest(folder: folder))
    }
    try manifest.check(version: Version.number, beside: others)
  }

  /// What a library says of itself; nil where it says nothing.
  private func manifest(_ folder: String, _ call: Stack) throws(LuaFailure) -> LibraryManifest? {
    let path = "\(folder)/library.lua"
    guard access(path, F_OK) == 0 else { return nil }
    switch FileContents.readRegular(path, name: path, atMost: Self.mostOfModule) {
    case .failure(let failure): throw LuaFailure("library", failure.message)
    case .success(let text): return try LibraryManifest(text, folder: folder, call)
    }
  }

  // MARK: texts

  /// At most so much is read for scripts.
  private static let most = 1 << 20

  /// The file of that path in the script's folder, which is the current one where there is no script, or in that of a
  /// library.
  func text(_ path: String) throws(LuaFailure) -> [UInt8] {
    let own = roots.dropFirst(libraryCount).first ?? "."
    for root in [own] + roots.prefix(libraryCount) {
      guard let real = Self.realPath("\(root)/\(path)") else { continue }
      guard let folder = Self.realPath(root), !path.hasPrefix("/"),
        real.hasPrefix(folder == "/" ? "/" : folder + "/")
      else {
        throw LuaFailure("file", "run.read: \(path) leads out of \(root)")
      }
      switch FileContents.readRegular(real, name: "\(root)/\(path)", atMost: Self.most) {
      case .success(let bytes): return bytes
      case .failure(let failure): throw LuaFailure("file", "run.read: \(failure.message)")
      }
    }
    let places = [own] + roots.prefix(libraryCount)
    throw LuaFailure("file", "run.read: there is no file \(path) in \(places.joined(separator: ", "))")
  }

  // MARK: names

  /// The modules in the folders that `words` name, for a name that was not found.
  private func modules(beside words: [Substring]) -> [String] {
    let folders = words.dropLast()
    var names: [String] = folders.isEmpty ? StandardModules.names : []
    for root in roots {
      guard let folder = opendir(([Substring(root)] + folders).joined(separator: "/")) else { continue }
      defer { closedir(folder) }
      while let entry = readdir(folder) {
        let file = withUnsafeBytes(of: &entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if file.hasSuffix(".lua") { names.append((folders + [file.dropLast(4)]).joined(separator: ".")) }
      }
    }
    return names
  }

  /// Every module that a short name finds, for completion.
  var names: [String] { Array(Set(modules(beside: [""]))).sorted() }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}
