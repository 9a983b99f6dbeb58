package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/pgerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// transaction runs BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their kin.
func (s *Session) transaction(ctx context.Context, st *ast.Transaction) (*result, error) {
	t := s.tx
	switch st.Kind {
	case ast.TxBegin, ast.TxStart:
		tag := "BEGIN"
		if st.Kind == ast.TxStart {
			tag = "START TRANSACTION"
		}
		if t.block {
			s.notice(pgerr.Warning(pgerr.ActiveSQLTransaction, "there is already a transaction in progress"))
			return tagged(tag), s.setModes(st.Modes)
		}
		t.block = true
		return tagged(tag), s.setModes(st.Modes)
	case ast.TxCommit:
		return s.endBlock(ctx, st, true)
	case ast.TxRollback:
		return s.endBlock(ctx, st, false)
	case ast.TxPrepare:
		if !t.block || t.failed {
			return s.endBlock(ctx, st, false)
		}
		s.rollback()
		return nil, pgerr.New(pgerr.ObjectNotInPrerequisiteState, "prepared transactions are disabled").
			WithHint("Set max_prepared_transactions to a nonzero value.")
	case ast.TxCommitPrepared, ast.TxRollbackPrepared:
		if t.block {
			name := map[ast.TxKind]string{ast.TxCommitPrepared: "COMMIT PREPARED", ast.TxRollbackPrepared: "ROLLBACK PREPARED"}[st.Kind]
			return nil, pgerr.New(pgerr.ActiveSQLTransaction, "%s cannot run inside a transaction block", name)
		}
		return nil, pgerr.New(pgerr.UndefinedObject, "prepared transaction with identifier \"%s\" does not exist", st.Name)
	}
	return s.savepoints(st)
}

// endBlock runs COMMIT and ROLLBACK.
func (s *Session) endBlock(ctx context.Context, st *ast.Transaction, commit bool) (*result, error) {
	t := s.tx
	if !t.block {
		if st.Chain {
			name := "ROLLBACK AND CHAIN"
			if commit {
				name = "COMMIT AND CHAIN"
			}
			return nil, pgerr.New(pgerr.NoActiveSQLTransaction, "%s can only be used in transaction blocks", name)
		}
		s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "there is no transaction in progress"))
	}
	modes := ast.TxModes{Isolation: t.iso.String(), ReadOnly: &t.readOnly, Deferrable: &t.deferrable}
	tag := "COMMIT"
	var err error
	if commit && !t.failed {
		err = s.commit(ctx)
	} else {
		tag = "ROLLBACK"
		s.rollback()
	}
	if err != nil {
		return nil, err
	}
	if st.Chain {
		s.begin(true)
		if err := s.setModes(modes); err != nil {
			return nil, err
		}
	}
	return tagged(tag), nil
}

func (s *Session) savepoints(st *ast.Transaction) (*result, error) {
	t := s.tx
	name := map[ast.TxKind]string{ast.TxSavepoint: "SAVEPOINT", ast.TxRelease: "RELEASE SAVEPOINT", ast.TxRollbackTo: "ROLLBACK TO SAVEPOINT"}[st.Kind]
	if !t.block {
		return nil, pgerr.New(pgerr.NoActiveSQLTransaction, "%s can only be used in transaction blocks", name)
	}
	switch st.Kind {
	case ast.TxSavepoint:
		t.savepoint(st.Name)
		return tagged("SAVEPOINT"), nil
	case ast.TxRelease:
		return tagged("RELEASE"), t.release(st.Name)
	}
	return tagged("ROLLBACK"), t.rollbackTo(st.Name)
}

// setModes sets isolation level and access mode of the transaction under way.
func (s *Session) setModes(m ast.TxModes) error {
	t := s.tx
	if m.Isolation != "" {
		iso := isolationOf(m.Isolation)
		if iso != t.iso {
			if len(t.writes) > 0 || t.queried {
				return pgerr.New(pgerr.ActiveSQLTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query")
			}
			t.iso = iso
		}
		s.settings.Assign("transaction_isolation", m.Isolation)
	}
	if m.ReadOnly != nil {
		if !*m.ReadOnly && t.readOnly && len(t.saves) > 0 {
			return pgerr.New(pgerr.ActiveSQLTransaction, "cannot set transaction read-write mode inside a read-only transaction")
		}
		if !*m.ReadOnly && t.readOnly && t.queried {
			return pgerr.New(pgerr.ActiveSQLTransaction, "transaction read-write mode must be set before any query")
		}
		t.setReadOnly(*m.ReadOnly)
	}
	if m.Deferrable != nil {
		t.deferrable = *m.Deferrable
		s.settings.Assign("transaction_deferrable", onOff(t.deferrable))
	}
	if t.iso == serializable && t.serial == nil {
		t.serial = newReadSet()
	}
	return nil
}

// setTransaction runs SET TRANSACTION and SET SESSION CHARACTERISTICS.
func (s *Session) setTransaction(st *ast.SetTransaction) (*result, error) {
	if st.Snapshot != "" {
		return nil, pgerr.NotSupported("SET TRANSACTION SNAPSHOT").At(st.Pos)
	}
	if !st.Session {
		if !s.tx.block {
			s.notice(pgerr.Warning(pgerr.NoActiveSQLTransaction, "SET TRANSACTION can only be used in transaction blocks"))
			return tagged("SET"), nil
		}
		return tagged("SET"), s.setModes(st.Modes)
	}
	set := func(name, value string) error { return s.settings.Set(name, value, false, s.super) }
	if m := st.Modes.Isolation; m != "" {
		if err := set("default_transaction_isolation", m); err != nil {
			return nil, err
		}
	}
	if m := st.Modes.ReadOnly; m != nil {
		if err := set("default_transaction_read_only", onOff(*m)); err != nil {
			return nil, err
		}
	}
	if m := st.Modes.Deferrable; m != nil {
		if err := set("default_transaction_deferrable", onOff(*m)); err != nil {
			return nil, err
		}
	}
	return tagged("SET"), nil
}
