import CStdlib

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

  /// What a module says of itself: the comment at its top, which begins with `---`.
  static func page(_ name: String) -> String? {
    guard let text = text(name) else { return nil }
    var lines: [Substring] = []
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    {
      guard line.hasPrefix("---") else { break }
      // Annotations are for editors.
      if line.hasPrefix("---@") { continue }
      lines.append(line.dropFirst(line.hasPrefix("--- ") ? 4 : 3))
    }
    return "require \"\(name)\"\n\n" + lines.joined(separator: "\n") + "\n"
  }

  private static var all: UnsafeBufferPointer<cv_stdlib_module> {
    var count = 0
    return UnsafeBufferPointer(start: cv_stdlib_modules(&count), count: count)
  }
}
