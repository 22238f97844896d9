"""Many runs with a question: study files, their arms, expectations, verdicts and totals."""
