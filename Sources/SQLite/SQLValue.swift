/// What can be given to a statement; nil is NULL.
public protocol SQLValue {
  var stored: SQLStored { get }
}

/// What SQLite keeps (https://www.sqlite.org/datatype3.html).
public enum SQLStored {
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

extension Int: SQLValue {
  public var stored: SQLStored { .integer(Int64(self)) }
}

extension Int64: SQLValue {
  public var stored: SQLStored { .integer(self) }
}

extension Double: SQLValue {
  public var stored: SQLStored { .real(self) }
}

extension String: SQLValue {
  public var stored: SQLStored { .text(self) }
}

extension [UInt8]: SQLValue {
  public var stored: SQLStored { .blob(self) }
}
