internal import Glibc
import LuaVM
import Scripting

/// The configuration files: `/etc/cvlua/config.lua`, then `$XDG_CONFIG_HOME/cvlua/config.lua`; or the one that
/// the command line names.
enum ConfigurationFiles {
  /// The files that are read where none is named, in that order, whether they are there or not.
  static var usual: [String] { ["/etc/cvlua/config.lua"] + [own].compactMap(\.self) }

  /// The one of whoever runs the program; nil where nothing says where that would be.
  static var own: String? {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let folder = variable("XDG_CONFIG_HOME") ?? variable("HOME").map { "\($0)/.config" }
    return folder.map { "\($0)/cvlua/config.lua" }
  }

  /// - Parameters:
  ///   - file: the only one to read; nil for the usual ones, as far as they are there.
  ///   - named: the profile that the command line names.
  static func profiles(file: String?, named: String?) async throws(UsageError) -> Profiles {
    var configurations: [Configuration] = []
    for path in file.map({ [$0] }) ?? usual {
      if file == nil, access(path, F_OK) != 0 { continue }
      switch FileContents.read(path) {
      case .failure(let failure): throw UsageError(failure.message)
      case .success(let bytes):
        do throws(LuaFailure) {
          configurations.append(try await Configuration.read(bytes, name: path))
        } catch {
          throw UsageError(error.sentence)
        }
      }
    }
    do throws(LuaFailure) {
      return try Profiles(
        configurations, named: named,
        environment: Profiles.Environment { name in getenv(name).map { String(cString: $0) } })
    } catch {
      throw UsageError(error.sentence)
    }
  }
}
