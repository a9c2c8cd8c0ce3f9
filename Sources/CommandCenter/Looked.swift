import CommandCenterAPI

/// What a look-up found.
enum Looked: Sendable {
  case entities([Entity])
  case ids(IdAnswer)
  case commServ(CommServ)
}
