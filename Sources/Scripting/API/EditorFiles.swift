import CommandCenterAPI
import LuaVM

/// What editors and luacheck are told besides the definitions.
public enum EditorFiles {
  /// The folder of the definitions, beside the scripts.
  public static let folder = ".cvlua"

  /// The settings of LuaLS.
  ///
  /// - Parameter libraries: folders of modules besides the scripts' own.
  public static func luarc(libraries: [String] = []) -> String {
    let folders = ([folder] + libraries).map { folder in
      var json = JSONWriter()
      json.string(folder)
      return json.text
    }
    return """
      {
        "$schema": "https://raw.githubusercontent.com/LuaLS/vscode-lua/master/setting/schema.json",
        "runtime.version": "Lua 5.4",
        "runtime.builtin": {
      \(EditorDefinitions.forgotten.map { "    \"\($0)\": \"disable\"" }.joined(separator: ",\n"))
        },
        "workspace.library": [\(folders.joined(separator: ", "))],
        "workspace.checkThirdParty": false
      }

      """
  }

  /// The settings of luacheck: what scripts see beside Lua 5.4, and what of Lua 5.4 they do not.
  public static func luacheckrc() -> String {
    var lines = [
      "-- Written by cvlua init: what scripts see, for luacheck.",
      "local any = { other_fields = true }", "", "std = \"lua54\"", "exclude_files = { \"\(folder)\" }",
      "max_line_length = false", "-- local permit <close> = s:acquire() is of use by being there.",
      "ignore = { \"211/permit\" }", "read_globals = {",
    ]
    for group in APIReference.groups {
      let owner = group[0].owner ?? group[0].name
      guard !owner.contains("workload"), !stock.contains(owner),
        group.contains(where: { !$0.isMethod })
      else { continue }
      lines.append("  \(owner) = \(definition(owner)),")
    }
    lines += ["}", "not_globals = {"] + EditorDefinitions.missing.map { "  \"\($0)\"," } + ["}"]
    return lines.joined(separator: "\n") + "\n"
  }

  /// What luacheck knows from Lua itself.
  private static let stock = ["arg"]

  /// What may stand behind a dot: the functions of a module, and anything where names are the script's.
  private static func definition(_ owner: String) -> String {
    guard let shape = APIReference.shape(owner), case .module = shape.kind,
      shape.fields.allSatisfy({ !$0.name.hasPrefix("[") })
    else { return "any" }
    let names = APIReference.members(of: owner).sorted()
    return "{ fields = { " + names.map { "\($0) = any" }.joined(separator: ", ") + " } }"
  }
}
