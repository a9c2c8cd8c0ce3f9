import ArgumentParser
import LuaVM
import Scripting

/// Which profile a command is about.
struct ProfileOptions: ParsableArguments {
  @Option(help: "The profile that is meant; the default one where none is named. Also CVLUA_PROFILE.")
  var profile: String?

  @Option(help: "The configuration file to read in place of the usual ones.")
  var config: String?

  /// All profiles; ``Profiles/own`` is the one that is meant.
  func profiles() async throws(UsageError) -> Profiles {
    try await ConfigurationFiles.profiles(file: config, named: profile)
  }

  /// The one profile that a command is about.
  func own() async throws(UsageError) -> Profile {
    let profiles = try await profiles()
    if let own = profiles.own { return own }
    let names = profiles.all.map(\.name).joined(separator: ", ")
    throw UsageError(
      names.isEmpty
        ? "there is no profile: write one into ~/.config/cvlua/config.lua; see cvlua --help"
        : "name the profile that is meant with --profile: there are \(names)")
  }
}
