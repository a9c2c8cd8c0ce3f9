internal import Glibc
import Scripting
import Terminal

/// `cvlua init editor [FOLDER]`: what an editor and luacheck need to know of scripts.
struct EditorSetup {
  let folder: String
  /// Folders of modules besides it.
  let libraries: [String]

  private static let mark = "-- Written by cvlua for editors"

  /// What is ours is written anew, so that it fits the cvlua that writes it; what may be somebody's is not.
  func run(_ output: ErrorOutput) throws(UsageError) {
    let library = "\(folder)/\(EditorFiles.folder)"
    guard mkdir(library, 0o755) == 0 || errno == EEXIST else {
      throw UsageError("\(library): \(String(cString: strerror(errno)))")
    }
    var files = [
      NewFile(path: "\(folder)/.luarc.json", text: EditorFiles.luarc(libraries: libraries)),
      NewFile(path: "\(folder)/.luacheckrc", text: EditorFiles.luacheckrc()),
      NewFile(path: "\(library)/cvlua.lua", text: EditorDefinitions.all()),
    ]
    for name in StandardModules.names {
      let text = String(decoding: StandardModules.text(name) ?? [], as: UTF8.self)
      files.append(
        NewFile(
          path: "\(library)/\(name).lua",
          text: "\(Self.mark): scripts get the module from the binary.\n\n" + text))
    }
    for file in files {
      switch file.place(replacing: Self.mark) {
      case .free: try file.write()
      case .taken:
        output.line("\(file.path) is there already and says something else, so it is left alone")
      }
    }
    let place = folder == "." ? "this folder" : folder
    output.line("done; open \(place) in an editor with LuaLS, or run luacheck there")
  }
}
