public import ArgumentParser
public import Console

extension Progress.Choice: ExpressibleByArgument {}
