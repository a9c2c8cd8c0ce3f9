internal import Glibc

/// Names of files, for completion.
enum FileNames {
  /// Those that begin with `text`; folders have a slash behind them.
  static func beginning(with text: String) -> [String] {
    let folder = text.lastIndex(of: "/").map { String(text[...$0]) } ?? ""
    let name = text.dropFirst(folder.count)
    return of(folder: folder.isEmpty ? "." : folder).filter { $0.hasPrefix(name) }.filter {
      // Hidden ones only for whoever asks for them.
      !$0.hasPrefix(".") || name.hasPrefix(".")
    }.map { entry in
      let path = folder + entry
      return isFolder(path) ? path + "/" : path
    }
  }

  /// What a folder holds; at most some thousands.
  static func of(folder: String) -> [String] {
    guard let open = opendir(folder) else { return [] }
    defer { closedir(open) }
    var names: [String] = []
    while names.count < 5000, let entry = readdir(open) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
          String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
