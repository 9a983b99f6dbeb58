package exec

type cteStore struct{}
type workTable struct{}
type dealer struct{ leaf *scanOp }
