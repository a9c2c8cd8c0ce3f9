import ArgumentParser
internal import Glibc
import Journal

/// The configuration that work on an earlier run goes by: the one that the run began with, unless told otherwise.
struct RecordedConfiguration: ParsableArguments {
  @Option(help: "The configuration's file now, where it is not the one that the run began with.")
  var config: String?

  /// - Returns: nil for the usual files.
  func file(of run: RunRecord) throws(UsageError) -> String? {
    if let config { return config }
    guard let file = RunOptions(run.options).configurationFile else { return nil }
    guard access(file, F_OK) == 0 else {
      throw UsageError(
        "\(file), the configuration that run \(run.id) began with, is not there any more; say where it is now with --config FILE"
      )
    }
    return file
  }
}
