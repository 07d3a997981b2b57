# The mixed model with one residual spread a system, and cumulative link mixed models on twenty bands.
# Usage: Rscript golden_unequal.R <out.json> <name> <dataset.csv> <attribute> <random terms, comma-separated> [systems to leave out, comma-separated]
#   with CLMM=crossed or CLMM=full in the environment the cumulative models (minutes to hours), else the first; results are added to <out.json>
#   ratings with at most 21 different values keep their own steps; others are cut into bands of five points
suppressPackageStartupMessages({library(glmmTMB);library(ordinal);library(jsonlite)})
options(contrasts=c("contr.sum","contr.poly"))
args<-commandArgs(TRUE); out<-args[1]; name<-args[2]
d<-read.csv(args[3],stringsAsFactors=FALSE); d<-d[d$attribute==args[4],]
if(length(args)>5) d<-d[!d$system %in% strsplit(args[6],",")[[1]],]
for(v in c("participant","song","system")) d[[v]]<-factor(d[[v]],levels=sort(unique(d[[v]]),method="radix"))
random<-strsplit(args[5],",")[[1]]; terms<-function(r) paste(sprintf("(1|%s)",r),collapse="+")
R<-if(file.exists(out)) fromJSON(out,simplifyVector=FALSE) else list()
tryS<-function(e) tryCatch(e,error=function(err) list(error=conditionMessage(err)))
clmm_of<-Sys.getenv("CLMM"); one<-R[[name]]
if(clmm_of==""){one<-list(n=nrow(d),systems=levels(d$system)); one$unequal<-tryS({m<-glmmTMB(as.formula(paste("rating~system+",terms(random))),dispformula=~system,REML=TRUE,data=d,
   control=glmmTMBControl(optCtrl=list(iter.max=2000,eval.max=2000,rel.tol=1e-14,x.tol=1e-12)))
 X<-model.matrix(~system,data.frame(system=factor(levels(d$system),levels=levels(d$system))))
 list(logLik=as.numeric(logLik(m)),fixef=unname(fixef(m)$cond),vcov=unname(as.matrix(vcov(m)$cond)),
  sd=lapply(VarCorr(m)$cond,function(v) sqrt(as.numeric(v))),residual_sd=as.numeric(exp(X%*%fixef(m)$disp/2)),pdHess=m$sdr$pdHess)})
cat(name,"unequal",one$unequal$logLik,"\n")}
d$ord<-if(length(unique(d$rating))<=21) ordered(d$rating) else droplevels(ordered(cut(d$rating,c(-Inf,seq(5,95,5),Inf),labels=FALSE)))
cl<-function(r){t0<-proc.time()[3];m<-clmm(as.formula(paste("ord~system+",terms(r))),d,link="logit",Hess=TRUE,control=clmm.control(gradTol=1e-6,maxIter=200,maxLineIter=200))
 list(random=r,seconds=proc.time()[3]-t0,logLik=as.numeric(logLik(m)),alpha=unname(m$alpha),beta=unname(m$beta),vcov=unname(vcov(m)[names(m$beta),names(m$beta)]),sd=lapply(VarCorr(m),function(v) sqrt(as.numeric(v))))}
if(clmm_of=="crossed") one$crossed<-tryS(cl(c("participant","song")))
if(clmm_of=="full") one$full<-tryS(cl(random))
cat(name,clmm_of,one[[clmm_of]]$logLik,one[[clmm_of]]$seconds,"\n")
R[[name]]<-one; write_json(R,out,digits=NA,auto_unbox=TRUE,na="null",null="null",pretty=TRUE)
