package exec

type dealer struct{ leaf *scanOp }
