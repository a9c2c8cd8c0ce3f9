/// What stands below the lines that are printed: a live view, or a prompt that is being edited.
///
/// Both are called under the output's lock, so they print nothing by themselves.
public protocol Footer: AnyObject, Sendable {
  /// What takes it off the screen; the cursor is then where the next line goes.
  func erase() -> String
  /// What brings it back.
  func draw() -> String
  /// What `draw` gave is on the screen.
  func wasDrawn()
}

extension Footer {
  public func wasDrawn() {}
}
