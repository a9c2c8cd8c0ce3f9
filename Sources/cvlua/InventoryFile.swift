import Simulator
import Terminal

/// `--inventory FILE`
enum InventoryFile {
  /// - Returns: nil where it cannot be read or is none, which has been told.
  static func read(_ file: String, _ output: ErrorOutput) -> Inventory? {
    switch FileContents.read(file) {
    case .failure(let failure):
      output.line("cvlua: --inventory: \(failure.message)")
      return nil
    case .success(let bytes):
      do throws(InventoryError) { return try Inventory(parsing: bytes) } catch {
        output.line("cvlua: --inventory: \(file): \(error.description)")
        return nil
      }
    }
  }
}
