extension Inventory {
  /// A cloud account with some of everything, and a SQL Server host. The scripts beside cvlua use it.
  public static let demo: Inventory = {
    var demo = Inventory()
    let account = demo.addClient("aws-prod", id: 17)
    demo.add(
      .dynamodb, "DynamoDB", 210, to: account,
      [
        ("customers", 1042), ("carts", 1043), ("catalog", 1044), ("prices", 1045), ("stock", 1046),
        ("reviews", 1047), ("wishlists", 1048), ("vouchers", 1049), ("audit", 1050), ("sessions", 1051),
        ("clicks", 1052), ("devices", 1053),
      ])
    demo.add(
      .documentdb, "DocumentDB", 211, to: account, [("profiles", 1101), ("content", 1102), ("search", 1103)])
    demo.add(
      .rds, "eu-west-1", 212, to: account,
      [("orders", 1201), ("crm", 1202), ("billing", 1203), ("shipping", 1204), ("tickets", 1205)])
    demo.add(.rds, "us-east-1", 213, to: account, [("orders-us", 1251), ("billing-us", 1252)])
    demo.add(.oracle, "ERP", 214, to: account, [("default", 1301)])
    let host = demo.addClient("sql-01", id: 23)
    demo.add(.mssql, "SQL-01", 231, to: host, [("default", 1401), ("finance", 1402), ("archive", 1403)])
    return demo
  }()

  private mutating func add(
    _ kind: Kind, _ name: String, _ id: Int64, to client: Int, _ subclients: [(name: String, id: Int64)]
  ) {
    let instance = addInstance(name, kind, client: client, id: id)
    let backupset = addBackupset(Self.defaultBackupset, instance: instance, id: id + 100)
    for subclient in subclients { _ = addSubclient(subclient.name, backupset: backupset, id: subclient.id) }
  }
}
