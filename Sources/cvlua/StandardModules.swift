import CStdlib
import Console

/// The Lua modules that ship with the binary.
enum StandardModules {
  /// In the order of their names.
  static var names: [String] { all.map { String(cString: $0.name) }.sorted() }

  /// The text of a module; nil where there is none of that name.
  static func text(_ name: String) -> [UInt8]? {
    for module in all where String(cString: module.name) == name {
      return Array(UnsafeRawBufferPointer(start: module.text, count: module.length))
    }
    return nil
  }

  /// What a module says of itself.
  static func page(_ name: String) -> String? {
    text(name).flatMap { ModulePage.text(name, String(decoding: $0, as: UTF8.self)) }
  }

  /// What stands on that page by name.
  static func members(_ name: String) -> [String] {
    text(name).map { ModulePage.names(name, String(decoding: $0, as: UTF8.self)) } ?? []
  }

  private static var all: UnsafeBufferPointer<cv_stdlib_module> {
    var count = 0
    return UnsafeBufferPointer(start: cv_stdlib_modules(&count), count: count)
  }
}
